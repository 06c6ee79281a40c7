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

// choosePasswords returns a password for each new user. When it returns, the
// random ones are on disk, so that an interruption loses no password. It uses the
// random passwords of an earlier run again, because that run may have created the
// user.
func (p *provisioner) choosePasswords(create []*person) (map[*person]flowretail.Secret, error) {
	rows, err := readPasswords(p.passwordsPath)
	if err != nil {
		return nil, err
	}
	earlier := map[string]string{}
	for _, row := range rows {
		if row[0] == p.tenantUID {
			earlier[row[1]] = row[4]
		}
	}
	chosen, added := map[*person]flowretail.Secret{}, 0
	for _, person := range create {
		password, known := earlier[person.externalID()]
		switch {
		case !person.password.IsZero():
			chosen[person] = person.password
			continue
		case !known:
			text := rand.Text() // base32: 12 characters have 60 bits
			password = text[:4] + "-" + text[4:8] + "-" + text[8:12]
			rows = append(rows, []string{p.tenantUID, person.externalID(), person.values["userCode"], person.values["displayName"], password})
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
	return chosen, program.WritePrivateFile(p.passwordsPath, file.Bytes())
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
		return nil, fmt.Errorf("%s is not a passwords file of this program", path) // err could have a password
	}
	return rows[1:], nil
}
