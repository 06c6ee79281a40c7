package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	flowretail "github.com/flowretail/flowretail-go"
)

// A person is a row of the file.
type person struct {
	values   map[string]string // by column, for the columns of the file
	password flowretail.Secret // empty for a random one
}

func (p *person) externalID() string { return p.values["externalId"] }

// readPeople reads a file. Its error has all problems of the file.
func readPeople(path string) ([]*person, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	people, problems := parsePeople(data)
	for i, problem := range problems {
		problems[i] = fmt.Errorf("%s: %w", path, problem)
	}
	return people, errors.Join(problems...)
}

// parsePeople parses a CSV file. Spreadsheet programs separate cells by commas or
// semicolons, and may write a byte order mark.
func parsePeople(data []byte) (people []*person, problems []error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	reader := csv.NewReader(bytes.NewReader(data))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		reader.Comma = ';'
	}
	header, err := reader.Read()
	if err != nil {
		return nil, []error{fmt.Errorf("line 1 has to name the columns: %w", err)}
	}
	parser := &parser{reader: reader, header: header, seen: map[string]int{}}
	if problems := parser.checkHeader(); len(problems) > 0 {
		return nil, problems
	}
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return people, parser.problems
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := reader.FieldPos(0)
			parser.problems = append(parser.problems, fmt.Errorf("line %d: %d cells, want %d", line, len(row), len(header)))
		case err != nil: // the rest of the file cannot be parsed
			return nil, append(parser.problems, err)
		default:
			people = append(people, parser.person(row))
		}
	}
}

// A parser parses the rows of a file.
type parser struct {
	reader   *csv.Reader
	header   []string
	seen     map[string]int // the line of each external id and user code
	problems []error
}

func (p *parser) checkHeader() (problems []error) {
	for i, column := range p.header {
		known := column == passwordColumn || slices.ContainsFunc(fields, func(f field) bool { return f.column == column })
		switch {
		case !known:
			problems = append(problems, fmt.Errorf("line 1: unknown column %q", column))
		case slices.Contains(p.header[:i], column):
			problems = append(problems, fmt.Errorf("line 1: the column %s occurs twice", column))
		}
	}
	for _, field := range fields {
		if field.required && !slices.Contains(p.header, field.column) {
			problems = append(problems, fmt.Errorf("line 1: the column %s is missing", field.column))
		}
	}
	return problems
}

// person parses a row and adds its problems.
func (p *parser) person(row []string) *person {
	read := &person{values: map[string]string{}}
	for i, column := range p.header {
		if column == passwordColumn {
			read.password = flowretail.NewSecret(row[i]) // with its spaces
		} else {
			read.values[column] = strings.TrimSpace(row[i])
		}
	}
	for i, column := range p.header {
		if problem := p.problem(read, column, row[i]); problem != "" {
			line, position := p.reader.FieldPos(i)
			p.problems = append(p.problems, fmt.Errorf("line %d, column %d, %s: %s", line, position, column, problem))
		}
	}
	if _, has := read.values["email"]; !has && read.values["accountType"] == string(flowretail.AccountTypeFull) {
		line, _ := p.reader.FieldPos(0)
		p.problems = append(p.problems, fmt.Errorf("line %d: FULL requires a column email", line))
	}
	return read
}

// problem returns the problem of a cell, or "". It does not return a password.
func (p *parser) problem(person *person, column, raw string) string {
	if !utf8.ValidString(raw) {
		return "not UTF-8; save the file as CSV UTF-8"
	}
	if column == passwordColumn {
		return oneLine(raw)
	}
	value := person.values[column]
	field := fields[slices.IndexFunc(fields, func(f field) bool { return f.column == column })]
	switch {
	case value == "" && field.required:
		return "empty"
	case value == "" && column == "email" && person.values["accountType"] == string(flowretail.AccountTypeFull):
		return "empty, but FULL requires an e-mail address"
	case value == "":
		return ""
	}
	if problem := field.problem(value); problem != "" {
		return fmt.Sprintf("%.60q %s", value, problem)
	}
	if column == "externalId" || column == "userCode" {
		line, _ := p.reader.FieldPos(0)
		if first, twice := p.seen[column+"\x00"+value]; twice {
			return fmt.Sprintf("%.60q is also in line %d", value, first)
		}
		p.seen[column+"\x00"+value] = line
	}
	return ""
}
