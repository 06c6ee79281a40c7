package flowretailtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/operations"
)

var subscriptionType = reflect.TypeFor[flowretail.SubscriptionType]()

// enums has the documented values of each enum. The fake accepts no others.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[flowretail.AccountType](): {"FULL", "REGULAR", "SUPPORT", "INTEGRATION"},
	reflect.TypeFor[flowretail.TenantRole]():  {"ACCESS", "ADMIN", "BACKOFFICE", "BLOCKED"},
	reflect.TypeFor[flowretail.StoreRole]():   {"ADMIN", "BACKOFFICE", "REGULAR"},
	subscriptionType:                          {"SALES_SUMMARY_REPORT"},
}

// decode decodes a body and rejects whatever the API's document does not allow.
func decode[T any](body []byte) (*T, error) {
	if !utf8.Valid(body) {
		return nil, badRequest("MALFORMED_JSON")
	}
	into := new(T)
	if err := decodeObject(body, "", reflect.ValueOf(into).Elem()); err != nil {
		return nil, err
	}
	return into, nil
}

// members returns the members of the object at a path, in their order. The path
// is "" for the whole body.
func members(data []byte, path string) (names []string, values []json.RawMessage, err error) {
	wrong := badRequest("MALFORMED_JSON")
	if path != "" {
		wrong = badRequest("WRONG_TYPE", path)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, nil, wrong
	}
	for decoder.More() {
		name, err := decoder.Token()
		var value json.RawMessage
		if err != nil || decoder.Decode(&value) != nil {
			return nil, nil, wrong
		}
		names, values = append(names, name.(string)), append(values, value)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, nil, wrong
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, nil, wrong
	}
	return names, values, nil
}

func decodeObject(data []byte, path string, into reflect.Value) error {
	names, values, err := members(data, path)
	if err != nil {
		return err
	}
	fields := structTypeOf(into.Type()).fields
	for i, name := range names {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		switch {
		case at < 0:
			return badRequest("UNKNOWN_FIELD", joinPath(path, name))
		case slices.Contains(names[:i], name):
			return badRequest("REPEATED_FIELD", joinPath(path, name))
		}
		value := into.Field(fields[at].index)
		if err := decodeValue(values[i], joinPath(path, name), value); err != nil {
			return err
		}
		// In the API's document subscriberUid may be "", and tenantUserUid may not.
		if name == "tenantUserUid" && value.IsZero() {
			return badRequest("INVALID_UID", joinPath(path, name))
		}
	}
	for _, field := range fields {
		if field.required && into.Field(field.index).IsZero() {
			return badRequest("FIELD_REQUIRED", joinPath(path, field.name))
		}
	}
	return nil
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func decodeValue(data []byte, path string, into reflect.Value) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch {
	case into.Type() == secretType:
		var text string
		if !unmarshal(data, &text) {
			return badRequest("WRONG_TYPE", path)
		}
		into.Set(reflect.ValueOf(flowretail.NewSecret(text)))
		return nil
	case into.Kind() == reflect.Slice:
		return decodeArray(data, path, into)
	case into.Kind() == reflect.Struct:
		return decodeObject(data, path, into)
	}
	if !unmarshal(data, into.Addr().Interface()) {
		return badRequest("WRONG_TYPE", path)
	}
	if into.Kind() == reflect.String {
		return checkText(into.String(), path, into.Type())
	}
	return nil
}

// unmarshal decodes data and reports whether it has the type. It rejects null, which
// encoding/json accepts for every type.
func unmarshal(data []byte, into any) bool {
	return string(data) != "null" && json.Unmarshal(data, into) == nil
}

func decodeArray(data []byte, path string, into reflect.Value) error {
	var items []json.RawMessage
	if !unmarshal(data, &items) {
		return badRequest("WRONG_TYPE", path)
	}
	into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	for i, item := range items {
		if err := decodeValue(item, fmt.Sprintf("%s[%d]", path, i), into.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// checkText checks a text by its type, if that is an enum, and by its name, if
// that is the name of a UID. A UID may be "", which clears it.
func checkText(text, path string, of reflect.Type) error {
	if values, ok := enums[of]; ok && !slices.Contains(values, text) {
		return badRequest("UNKNOWN_VALUE", path)
	}
	if strings.HasSuffix(path, "Uid") && text != "" && operations.UIDProblem(text) != "" {
		return badRequest("INVALID_UID", path)
	}
	return nil
}
