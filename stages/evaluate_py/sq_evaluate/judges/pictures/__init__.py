"""Pictures of products: which of them a model can be shown, and how they reach it."""
