"""Pictures in files: images and labels of any small set, validated as jets are."""
