"""Files of candidates, applications and interviews from elsewhere: CSV and XLSX."""
