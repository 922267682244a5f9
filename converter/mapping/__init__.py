"""From the stage model to the campaign: what each setting becomes."""
