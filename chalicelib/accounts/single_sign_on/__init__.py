"""Single sign-on by OpenID Connect: an employer's setting, and the way through its provider."""
