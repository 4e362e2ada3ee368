"""The pages that people at an employer, and candidates, open: a client of the other wings, as a browser program would be."""
