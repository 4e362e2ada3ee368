"""What pages are made of: templates, style, the files that browsers keep. Ground: it knows no record and no route."""
