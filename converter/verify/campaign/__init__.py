"""What fife_launch, jobsub_lite, fife_wrap and POMS make of a campaign."""
