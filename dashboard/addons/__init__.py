"""Add-ons: what single sign-on, a custom domain and an uptime promise need until they are live. No I/O."""
