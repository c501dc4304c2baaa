"""Makes the pages, pictures and cases of hardware/ from its data. Run by `make hardware`."""
