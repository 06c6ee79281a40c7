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
	values   map[string]string // by column; a column that the file does not have is missing
	password flowretail.Secret // empty when one is to be made
}

func (p *person) externalID() string { return p.values["externalId"] }

// readPeople reads a file of people. Its error lists all that is wrong with it.
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

// parsePeople reads what spreadsheets write: perhaps with a byte order mark,
// and with commas or semicolons.
func parsePeople(data []byte) (people []*person, problems []error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	reader := csv.NewReader(bytes.NewReader(data))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		reader.Comma = ';'
	}
	header, err := reader.Read()
	if err != nil {
		return nil, []error{fmt.Errorf("the first line has to name the columns: %w", err)}
	}
	sheet := &sheet{reader: reader, header: header, seen: map[string]int{}}
	if problems := sheet.checkHeader(); len(problems) > 0 {
		return nil, problems
	}
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return people, sheet.problems
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := reader.FieldPos(0)
			sheet.problems = append(sheet.problems, fmt.Errorf("line %d: it has %d cells, and there are %d columns", line, len(row), len(header)))
		case err != nil: // the rest cannot be told apart
			return nil, append(sheet.problems, err)
		default:
			people = append(people, sheet.person(row))
		}
	}
}

// A sheet is a file that is being read.
type sheet struct {
	reader   *csv.Reader
	header   []string
	seen     map[string]int // the line of each external id and user code
	problems []error
}

func (s *sheet) checkHeader() (problems []error) {
	for i, column := range s.header {
		known := column == passwordColumn || slices.ContainsFunc(fields, func(f field) bool { return f.column == column })
		switch {
		case !known:
			problems = append(problems, fmt.Errorf("line 1: there is no column %q", column))
		case slices.Contains(s.header[:i], column):
			problems = append(problems, fmt.Errorf("line 1: the column %s is there twice", column))
		}
	}
	for _, field := range fields {
		if field.required && !slices.Contains(s.header, field.column) {
			problems = append(problems, fmt.Errorf("line 1: the column %s is missing", field.column))
		}
	}
	return problems
}

// person reads a row, and notes what is wrong with it.
func (s *sheet) person(row []string) *person {
	read := &person{values: map[string]string{}}
	for i, column := range s.header {
		if column == passwordColumn {
			read.password = flowretail.NewSecret(row[i]) // spaces and all
		} else {
			read.values[column] = strings.TrimSpace(row[i])
		}
	}
	for i, column := range s.header {
		if problem := s.problemWith(read, column, row[i]); problem != "" {
			line, at := s.reader.FieldPos(i)
			s.problems = append(s.problems, fmt.Errorf("line %d, column %d, %s: %s", line, at, column, problem))
		}
	}
	if _, has := read.values["email"]; !has && read.values["accountType"] == string(flowretail.AccountTypeFull) {
		line, _ := s.reader.FieldPos(0)
		s.problems = append(s.problems, fmt.Errorf("line %d: FULL needs a column email", line))
	}
	return read
}

// problemWith says what is wrong with a cell. It does not repeat a password.
func (s *sheet) problemWith(of *person, column, raw string) string {
	if !utf8.ValidString(raw) {
		return "it is not UTF-8; save the file as CSV UTF-8"
	}
	if column == passwordColumn {
		return oneLine(raw)
	}
	value := of.values[column]
	field := fields[slices.IndexFunc(fields, func(f field) bool { return f.column == column })]
	switch {
	case value == "" && field.required:
		return "it is empty"
	case value == "" && column == "email" && of.values["accountType"] == string(flowretail.AccountTypeFull):
		return "it is empty, and FULL needs one"
	case value == "":
		return ""
	}
	if problem := field.problem(value); problem != "" {
		return fmt.Sprintf("%.60q %s", value, problem)
	}
	if column == "externalId" || column == "userCode" {
		line, _ := s.reader.FieldPos(0)
		if first, twice := s.seen[column+"\x00"+value]; twice {
			return fmt.Sprintf("%.60q stands in line %d too", value, first)
		}
		s.seen[column+"\x00"+value] = line
	}
	return ""
}
