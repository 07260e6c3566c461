"""The only code that speaks SQL: tables, unit of work, named questions, custody log, search."""
