"""The page of add-ons: the list, and one set-up, whose form is the onboarding."""
