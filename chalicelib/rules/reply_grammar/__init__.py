"""Words and patterns of replies. `reply_text.py` reads a text into clauses; `replies.py` compares them with these."""
