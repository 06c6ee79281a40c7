package flowretailtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/operations"
)

var subscriptionType = reflect.TypeFor[flowretail.SubscriptionType]()

// enums has the values that the API documents, which are all that it takes.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[flowretail.AccountType](): {"FULL", "REGULAR", "SUPPORT", "INTEGRATION"},
	reflect.TypeFor[flowretail.TenantRole]():  {"ACCESS", "ADMIN", "BACKOFFICE", "BLOCKED"},
	reflect.TypeFor[flowretail.StoreRole]():   {"ADMIN", "BACKOFFICE", "REGULAR"},
	subscriptionType:                          {"SALES_SUMMARY_REPORT"},
}

// decode reads a body as strictly as the API could.
func decode[T any](body []byte) (*T, *refusal) {
	if !utf8.Valid(body) {
		return nil, badRequest("MALFORMED_JSON")
	}
	into := new(T)
	if refused := decodeObject(body, "", reflect.ValueOf(into).Elem()); refused != nil {
		return nil, refused
	}
	return into, nil
}

// members splits an object into its members, in their order.
func members(data []byte, where string) (names []string, values []json.RawMessage, refused *refusal) {
	wrong := badRequest("MALFORMED_JSON")
	if where != "" {
		wrong = badRequest("WRONG_TYPE", where)
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

func decodeObject(data []byte, where string, into reflect.Value) *refusal {
	names, values, refused := members(data, where)
	if refused != nil {
		return refused
	}
	fields := shapeOf(into.Type()).fields
	for i, name := range names {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		switch {
		case at < 0:
			return badRequest("UNKNOWN_FIELD", within(where, name))
		case slices.Contains(names[:i], name):
			return badRequest("REPEATED_FIELD", within(where, name))
		}
		if refused := decodeValue(values[i], within(where, name), into.Field(fields[at].index)); refused != nil {
			return refused
		}
		// A UID is chosen or left out; of the API's document only subscriberUid may be "".
		if name == "tenantUserUid" && into.Field(fields[at].index).IsZero() {
			return badRequest("INVALID_UID", within(where, name))
		}
	}
	for _, field := range fields {
		if field.required && into.Field(field.index).IsZero() {
			return badRequest("FIELD_REQUIRED", within(where, field.name))
		}
	}
	return nil
}

func within(where, name string) string {
	if where == "" {
		return name
	}
	return where + "." + name
}

func decodeValue(data []byte, where string, into reflect.Value) *refusal {
	wrong := badRequest("WRONG_TYPE", where)
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch {
	case into.Type() == secretType:
		text, ok := decodeString(data)
		if !ok {
			return wrong
		}
		into.Set(reflect.ValueOf(flowretail.NewSecret(text)))
		return nil
	case into.Kind() == reflect.String:
		text, ok := decodeString(data)
		if !ok {
			return wrong
		}
		into.SetString(text)
		return checkText(text, where, into.Type())
	case into.Kind() == reflect.Bool:
		switch string(data) {
		case "true":
			into.SetBool(true)
		case "false":
		default:
			return wrong
		}
		return nil
	case into.Kind() == reflect.Int:
		number, err := strconv.ParseInt(string(data), 10, 64)
		if err != nil {
			return wrong
		}
		into.SetInt(number)
		return nil
	case into.Kind() == reflect.Slice:
		return decodeArray(data, where, into)
	default:
		return decodeObject(data, where, into)
	}
}

func decodeArray(data []byte, where string, into reflect.Value) *refusal {
	var items []json.RawMessage
	if data[0] != '[' || json.Unmarshal(data, &items) != nil {
		return badRequest("WRONG_TYPE", where)
	}
	into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	for i, item := range items {
		if refused := decodeValue(item, fmt.Sprintf("%s[%d]", where, i), into.Index(i)); refused != nil {
			return refused
		}
	}
	return nil
}

func decodeString(data []byte) (text string, ok bool) {
	return text, data[0] == '"' && json.Unmarshal(data, &text) == nil
}

// checkText holds a text against the enum or the pattern that it has. An
// optional UID may be "", which clears it.
func checkText(text, where string, of reflect.Type) *refusal {
	if values, ok := enums[of]; ok && !slices.Contains(values, text) {
		return badRequest("UNKNOWN_VALUE", where)
	}
	if strings.HasSuffix(where, "Uid") && text != "" && operations.UIDProblem(text) != "" {
		return badRequest("INVALID_UID", where)
	}
	return nil
}
