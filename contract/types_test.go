package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/getkin/kin-openapi/openapi3"
)

// Each method of the SDK is compared with the operation that it calls: path
// parameters, query, body and response, down to each field's name and type.
func TestSDKMethods_matchOperations(t *testing.T) {
	documented := map[string]*operation{}
	for _, operation := range operationsOf(document(t)) {
		documented[operation.OperationID] = operation
	}
	compare := comparison{report: t.Errorf, types: map[reflect.Type]bool{}}
	for _, entry := range operations.All {
		for _, call := range entry.SDKMethods {
			operation := documented[entry.ID]
			if operation == nil {
				t.Errorf("%s calls %s, which is not in the document", call, entry.ID)
				continue
			}
			method, found := methodOf(call)
			if !found {
				t.Errorf("the table says that %s calls %s, but there is no such method", call, entry.ID)
				continue
			}
			compare.method(call, method.Type, operation)
		}
	}

	names := map[string]bool{}
	for goType := range compare.types {
		names[goType.Name()] = true
	}
	for name, schema := range document(t).Components.Schemas {
		if schema.Value.Type.Is(openapi3.TypeObject) && !names[name] && name != "Error" && !strings.HasSuffix(name, "Page") {
			t.Errorf("the SDK has no type for the schema %s", name)
		}
	}
	for _, name := range jsonTypes(t) {
		if !names[name] {
			t.Errorf("no method in the table has a parameter or result of type %s", name)
		}
	}
}

func TestSDKMethods_areInOperationsTable(t *testing.T) {
	var listed []string
	for _, entry := range operations.All {
		listed = append(listed, entry.SDKMethods...)
	}
	client := reflect.TypeFor[flowretail.Client]()
	for i := range client.NumField() {
		service := client.Field(i)
		if !service.IsExported() {
			continue
		}
		for j := range service.Type.NumMethod() {
			if call := service.Name + "." + service.Type.Method(j).Name; !slices.Contains(listed, call) {
				t.Errorf("%s is not in the table", call)
			}
		}
	}
}

func TestGenericError_fields(t *testing.T) {
	for name := range document(t).Components.Schemas["Error"].Value.Properties {
		if _, found := reflect.TypeFor[flowretail.GenericError]().FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) }); !found {
			t.Errorf("GenericError has no field for %s", name)
		}
	}
}

func TestSDKConstants_matchEnums(t *testing.T) {
	constants := stringConstants(t)
	for name, schema := range document(t).Components.Schemas {
		if schema.Value.Enum == nil {
			continue
		}
		var values []string
		for _, value := range schema.Value.Enum {
			values = append(values, fmt.Sprint(value))
		}
		slices.Sort(values)
		if got := slices.Sorted(slices.Values(constants[name])); !slices.Equal(got, values) {
			t.Errorf("%s has the constants %q, want those of the document: %q", name, got, values)
		}
	}
}

func methodOf(call string) (reflect.Method, bool) {
	service, name, _ := strings.Cut(call, ".")
	field, found := reflect.TypeFor[flowretail.Client]().FieldByName(service)
	if !found {
		return reflect.Method{}, false
	}
	return field.Type.MethodByName(name)
}

// A comparison compares the SDK with the document, each type once.
type comparison struct {
	report func(format string, args ...any)
	types  map[reflect.Type]bool
}

func (c *comparison) method(name string, method reflect.Type, operation *operation) {
	var uids int
	var input reflect.Type
	var invite bool
	for i := 1; i < method.NumIn(); i++ { // 0 is the receiver
		switch in := method.In(i); {
		case in == reflect.TypeFor[context.Context](), i == method.NumIn()-1 && method.IsVariadic():
		case in == reflect.TypeFor[string]():
			uids++
		case in == reflect.TypeFor[flowretail.Secret]():
			invite = true
		default:
			input = in.Elem()
		}
	}
	if want := len(operation.parametersIn(openapi3.ParameterInPath)); uids != want {
		c.report("%s has %d UID parameters, %s has %d", name, uids, operation.path, want)
	}
	if want := slices.ContainsFunc(operation.parameters, func(p *openapi3.Parameter) bool { return p.Name == "x-invite-token" }); invite != want {
		c.report("%s has an invite token: %t, in the document: %t", name, invite, want)
	}
	c.query(name, input, operation)
	if body := operation.body(); body != nil {
		if input == nil {
			c.report("%s sends no body", name)
		} else {
			c.object(name+" body", input, body, true)
		}
	}
	c.response(name, method, operation)
}

// query compares the url tags of an input type with the query parameters.
func (c *comparison) query(name string, input reflect.Type, operation *operation) {
	tags := map[string]reflect.Type{}
	if input != nil {
		for _, field := range reflect.VisibleFields(input) {
			if tag, _, _ := strings.Cut(field.Tag.Get("url"), ","); tag != "" && tag != "-" {
				tags[tag] = field.Type
			}
		}
	}
	for _, parameter := range operation.parametersIn(openapi3.ParameterInQuery) {
		goType, found := tags[parameter.Name]
		if !found {
			c.report("%s does not have the query parameter %s", name, parameter.Name)
			continue
		}
		delete(tags, parameter.Name)
		c.value(name+" query "+parameter.Name, goType, parameter.Schema, true)
	}
	for tag := range tags {
		c.report("%s has the query parameter %s, which is not in the document", name, tag)
	}
}

func (c *comparison) response(name string, method reflect.Type, operation *operation) {
	var content *openapi3.MediaType
	for status, response := range operation.Responses.Map() {
		if status != "default" {
			content = response.Value.Content[jsonType]
		}
	}
	out := method.Out(0)
	switch {
	case content == nil:
		if out != reflect.TypeFor[error]() {
			c.report("%s returns %s, and the document has no response body", name, out)
		}
	case out.Kind() == reflect.Func: // iter.Seq2[*T, error]
		c.value(name+" item", out.In(0).In(0), content.Schema.Value.Properties["items"].Value.Items, false)
	default:
		ref := content.Schema
		if len(ref.Value.AnyOf) > 0 { // a token exchange, whose response forms are decoded into one type
			ref = ref.Value.AnyOf[0]
		}
		c.value(name+" response", out, ref, false)
	}
}

// value compares a Go type with a schema.
func (c *comparison) value(where string, goType reflect.Type, ref *openapi3.SchemaRef, sent bool) {
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	schema := ref.Value
	matches := false
	switch {
	case goType == reflect.TypeFor[flowretail.Secret]():
		matches = schema.Format == "password"
	case goType == reflect.TypeFor[time.Time]():
		matches = nameOf(ref) == "Timestamp"
	case goType.Kind() == reflect.Struct:
		c.object(where, goType, ref, sent)
		return
	case goType.Kind() == reflect.Slice:
		if matches = schema.Type.Is(openapi3.TypeArray); matches {
			c.value(where+"[]", goType.Elem(), schema.Items, sent)
		}
	case goType == reflect.TypeFor[string]():
		matches = schema.Type.Is(openapi3.TypeString) && schema.Enum == nil && schema.Format == ""
	case goType.Kind() == reflect.String && sent:
		matches = nameOf(ref) == goType.Name()
	case goType.Kind() == reflect.String:
		matches = nameOf(ref) == "Any"+goType.Name()
	case goType.Kind() == reflect.Bool:
		matches = schema.Type.Is(openapi3.TypeBoolean)
	case goType.Kind() == reflect.Int:
		matches = schema.Type.Is(openapi3.TypeInteger)
	case goType.Kind() == reflect.Float64 && !sent: // holds integers, and what the API may send besides
		matches = schema.Type.Is(openapi3.TypeInteger) || schema.Type.Is(openapi3.TypeNumber)
	}
	if !matches {
		c.report("%s: %s does not match the schema %s", where, goType, ref.Ref)
	}
}

// object compares the fields of a struct with the properties of the schema of the
// same name. The schema of a Page is named after its items.
func (c *comparison) object(where string, goType reflect.Type, ref *openapi3.SchemaRef, sent bool) {
	name := goType.Name()
	if strings.HasPrefix(name, "Page[") {
		name = goType.Field(0).Type.Elem().Name() + "Page"
	}
	if nameOf(ref) != name {
		c.report("%s is of type %s, want %s", where, name, nameOf(ref))
		return
	}
	if c.types[goType] {
		return
	}
	c.types[goType] = true
	left := map[string]bool{}
	for property := range ref.Value.Properties {
		left[property] = true
	}
	for _, field := range reflect.VisibleFields(goType) {
		property, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if property == "-" || field.Anonymous {
			continue
		}
		where := name + "." + field.Name
		if !left[property] {
			c.report("%s has the name %q, which is not in the document", where, property)
			continue
		}
		delete(left, property)
		c.value(where, field.Type, ref.Value.Properties[property], sent)
		required := slices.Contains(ref.Value.Required, property)
		c.presence(where, field, options, required, sent)
		c.uid(where, field, ref.Value.Properties[property], sent)
	}
	for property := range left {
		c.report("%s has no field for %s", name, property)
	}
	if !sent && !strings.HasPrefix(goType.Name(), "Page") && name != "Paging" {
		if extra, found := goType.FieldByName("Extra"); !found || extra.Type != reflect.TypeFor[map[string]json.RawMessage]() {
			c.report("%s does not have a field Extra for unknown fields", name)
		}
	}
}

// presence compares whether a field is required.
func (c *comparison) presence(where string, field reflect.StructField, options string, required, sent bool) {
	omitted := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
	if omitted == required {
		c.report("%s is omitted when empty: %t, required in the document: %t", where, omitted, required)
	}
	if checked := slices.Contains(strings.Split(field.Tag.Get("api"), ","), "required"); sent && checked != required {
		c.report("%s is checked as required: %t, required in the document: %t", where, checked, required)
	}
}

// uid compares whether the SDK checks that a field is a UID. It does not check
// fields that are pointers.
func (c *comparison) uid(where string, field reflect.StructField, ref *openapi3.SchemaRef, sent bool) {
	checked := slices.Contains(strings.Split(field.Tag.Get("api"), ","), "uid")
	isUID := nameOf(ref) == "UID" || nameOf(ref) == "OptionalUID"
	if sent && field.Type.Kind() == reflect.String && checked != isUID {
		c.report("%s is checked as a UID: %t, UID in the document: %t", where, checked, isUID)
	}
}

// packageFiles parses the files of package flowretail.
func packageFiles(t *testing.T) (files []*ast.File) {
	t.Helper()
	names, err := fs.Glob(os.DirFS(".."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), "../"+name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// jsonTypes returns the names of the exported structs that have json tags.
func jsonTypes(t *testing.T) (names []string) {
	for _, file := range packageFiles(t) {
		for node := range ast.Preorder(file) {
			spec, ok := node.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() || spec.TypeParams != nil {
				continue
			}
			if structure, ok := spec.Type.(*ast.StructType); ok && slices.ContainsFunc(structure.Fields.List, func(field *ast.Field) bool {
				return field.Tag != nil && strings.Contains(field.Tag.Value, `json:"`) && !strings.Contains(field.Tag.Value, `json:"-"`)
			}) {
				names = append(names, spec.Name.Name)
			}
		}
	}
	return names
}

// stringConstants returns the values of the exported constants, by their type.
func stringConstants(t *testing.T) map[string][]string {
	constants := map[string][]string{}
	for _, file := range packageFiles(t) {
		for node := range ast.Preorder(file) {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || !spec.Names[0].IsExported() || len(spec.Values) != 1 {
				continue
			}
			constantType, named := spec.Type.(*ast.Ident)
			literal, text := spec.Values[0].(*ast.BasicLit)
			if !named || !text || literal.Kind != token.STRING {
				continue
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			constants[constantType.Name] = append(constants[constantType.Name], value)
		}
	}
	return constants
}
