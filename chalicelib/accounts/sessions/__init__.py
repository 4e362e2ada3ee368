"""Where a person is signed in, over the API."""
