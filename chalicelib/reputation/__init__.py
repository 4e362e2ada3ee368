"""Review risk: the score and its history, the call list, observed reviews, links to the report."""
