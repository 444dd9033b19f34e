"""The parts of the churn page: one month against others, who leaves, what is saved, what is recovered."""
