package main

import (
	"errors"
	"strings"
	"testing"
)

const header = "externalId,accountType,tenantRole,userCode,email,mobile,password\n"

func TestParsePeople_problems(t *testing.T) {
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"empty file":           {"", []string{"line 1 has to name the columns"}},
		"unknown column":       {"externalId,accountType,tenantRole,userCode,phone\n", []string{`unknown column "phone"`}},
		"column twice":         {"externalId,accountType,tenantRole,userCode,userCode\n", []string{"userCode occurs twice"}},
		"column missing":       {"externalId,tenantRole\n", []string{"accountType is missing", "userCode is missing"}},
		"required cell empty":  {header + "e1,REGULAR,ACCESS,,,,\n", []string{"line 2, column 19, userCode: empty"}},
		"unknown account type": {header + "e1,REGULR,ACCESS,1,,,\n", []string{`line 2, column 4, accountType: "REGULR" is not one of FULL, REGULAR, SUPPORT`}},
		"integration":          {header + "e1,INTEGRATION,ACCESS,1,,,\n", []string{"is not one of"}},
		"full without address": {header + "e1,FULL,ACCESS,1,,,\n", []string{"email: empty, but FULL requires"}},
		"invalid address":      {header + "e1,REGULAR,ACCESS,1,Åse <a@example.com>,,\n", []string{"email", "is not an e-mail address"}},
		"external id twice":    {header + "e1,REGULAR,ACCESS,1,,,\ne1,REGULAR,ACCESS,2,,,\n", []string{`line 3, column 1, externalId: "e1" is also in line 2`}},
		"user code twice":      {header + "e1,REGULAR,ACCESS,1,,,\ne2,REGULAR,ACCESS,1,,,\n", []string{`line 3, column 19, userCode: "1" is also in line 2`}},
		"too few cells":        {header + "e1,REGULAR\n", []string{"line 2: 2 cells, want 7"}},
		"open quote":           {header + "e1,\"REGULAR,ACCESS,1,,,\n", []string{"line"}},
		"line break in a cell": {header + "e1,REGULAR,ACCESS,\"1\n2\",,,\n", []string{"userCode", "line break"}},
		"not UTF-8":            {header + "e\xe5,REGULAR,ACCESS,1,,,\n", []string{"line 2, column 1, externalId: not UTF-8"}},
		"several problems":     {header + "e1,X,ACCESS,1,,,\ne2,REGULAR,Y,2,,,\ne3,REGULAR,ACCESS,,,,\n", []string{"line 2", "line 3", "line 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := parsePeople([]byte(test.file))
			text := errors.Join(problems...)
			if len(problems) != max(1, len(test.want)) && name != "invalid address" && name != "line break in a cell" {
				t.Errorf("%d problems: %v", len(problems), text)
			}
			for _, want := range test.want {
				if text == nil || !strings.Contains(text.Error(), want) {
					t.Errorf("problems %v, want %q", text, want)
				}
			}
		})
	}
}

func TestParsePeople_problemWithoutPassword(t *testing.T) {
	_, problems := parsePeople([]byte(header + "e1,REGULAR,ACCESS,1,,,\"marked-secret\n\"\n"))
	if len(problems) != 1 || strings.Contains(problems[0].Error(), "marked-secret") {
		t.Errorf("problems: %v", problems)
	}
}

func TestParsePeople_spreadsheets(t *testing.T) {
	plain := header + "e1,REGULAR,ACCESS,1,,+4790000000,\ne2,FULL,ADMIN,2,å@example.com,,marked-secret\n"
	for name, file := range map[string]string{
		"commas":          plain,
		"semicolons":      strings.ReplaceAll(plain, ",", ";"),
		"byte order mark": "\ufeff" + plain,
		"CRLF":            strings.ReplaceAll(plain, "\n", "\r\n"),
		"spaces":          strings.ReplaceAll(plain, "e1,", " e1 ,"),
	} {
		t.Run(name, func(t *testing.T) {
			people, problems := parsePeople([]byte(file))
			if len(problems) > 0 || len(people) != 2 {
				t.Fatalf("%d people, %v", len(people), problems)
			}
			if people[0].externalID() != "e1" || people[0].values["mobile"] != "+4790000000" || !people[0].password.IsZero() {
				t.Errorf("the first person is %v", people[0].values)
			}
			if people[1].values["email"] != "å@example.com" || people[1].password.Reveal() != "marked-secret" {
				t.Errorf("the second person is %v", people[1].values)
			}
		})
	}
}

func FuzzParsePeople(f *testing.F) {
	f.Add([]byte(header + "e1,REGULAR,ACCESS,1,a@example.com,,\n"))
	f.Add([]byte("\ufeff" + strings.ReplaceAll(string(sample), ",", ";")))
	f.Add([]byte(header + "\"\xff\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		people, problems := parsePeople(data)
		if len(problems) > 0 {
			return
		}
		ids := map[string]bool{}
		for _, person := range people {
			for _, field := range fields {
				value := person.values[field.column]
				if field.required && value == "" || value != "" && field.problem(value) != "" {
					t.Errorf("%s is %q, want a problem", field.column, value)
				}
			}
			if ids[person.externalID()] {
				t.Errorf("%q occurs twice", person.externalID())
			}
			ids[person.externalID()] = true
		}
	})
}
