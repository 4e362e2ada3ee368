"""Employers, candidates, applications, interviews, contacts and statements. Every write is one transaction."""
