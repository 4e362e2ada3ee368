"""Set-up, the local runner, and the template for AWS. Not part of the Lambda bundle."""
