"""Events out: signed by Standard Webhooks, to addresses that strangers name, and so never to ours."""
