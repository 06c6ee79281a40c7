package main

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

var passwordHeader = []string{"tenantUid", "externalId", "userCode", "displayName", passwordColumn}

// choosePasswords returns a password for everybody who is to be created. The
// random ones are on disk when it returns, so that nobody is created whose
// password is lost; those of an earlier run are used again, since that run may
// have created the person after all.
func (s *staff) choosePasswords(create []*person) (map[*person]flowretail.Secret, error) {
	rows, err := readPasswords(s.passwords)
	if err != nil {
		return nil, err
	}
	written := map[string]string{}
	for _, row := range rows {
		if row[0] == s.tenantUID {
			written[row[1]] = row[4]
		}
	}
	chosen, added := map[*person]flowretail.Secret{}, 0
	for _, person := range create {
		password, known := written[person.externalID()]
		switch {
		case !person.password.IsZero():
			chosen[person] = person.password
			continue
		case !known:
			text := rand.Text() // of 32 letters and digits: 12 of them have 60 bits
			password = text[:4] + "-" + text[4:8] + "-" + text[8:12]
			rows = append(rows, []string{s.tenantUID, person.externalID(), person.values["userCode"], person.values["displayName"], password})
			added++
		}
		chosen[person] = flowretail.NewSecret(password)
	}
	if added == 0 {
		return chosen, nil
	}
	var file bytes.Buffer
	writer := csv.NewWriter(&file)
	if err := errors.Join(writer.Write(passwordHeader), writer.WriteAll(rows)); err != nil {
		return nil, err
	}
	return chosen, program.WritePrivateFile(s.passwords, file.Bytes())
}

func readPasswords(path string) ([][]string, error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord = len(passwordHeader)
	rows, err := reader.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("%s is not a file of passwords that this program wrote", path) // err would quote it
	}
	return rows[1:], nil
}
