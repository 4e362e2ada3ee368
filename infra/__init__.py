"""What is around the app: setting up, running on one machine, and the template for AWS. None of it reaches the Lambda bundle."""
