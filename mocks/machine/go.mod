module machine

go 1.26
