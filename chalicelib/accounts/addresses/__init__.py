"""An employer's own addresses: added over the API, verified by a mailed link."""
