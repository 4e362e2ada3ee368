"""An employer's own addresses: named over the API, verified by a mailed link."""
