"""The law's clock in the records wing: postings, the deadlines they set running, and the record that proves what was told."""
