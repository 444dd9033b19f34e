"""Quotes as they are kept: drafts, states, approvals, offers, what acceptance joins to a subscription."""
