"""What several tests share: returns as plain data, workbooks made of them, and a re-count in Python."""
