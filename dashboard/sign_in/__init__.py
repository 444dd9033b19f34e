"""Who the person is: sign-in by OpenID Connect, or a role chosen where there is only a sandbox."""
