"""The target side: campaign.cfg documents, as fife_launch and jobsub_lite read them."""
