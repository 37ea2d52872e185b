"""From folders of recordings with captions to a data set of spectrogram pictures."""
