"""Statutory duties to inform: postings, the deadlines that follow, and the evidence of what was told."""
