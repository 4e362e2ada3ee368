"""`make deploy`, `make smoke` and their kin: the app packaged, checked, and put on AWS, or on an engine that speaks like it."""
