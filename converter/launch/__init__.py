"""What would run: the plan of a job from the model, from a campaign.cfg, and their comparison."""
