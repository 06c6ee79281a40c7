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

// Every method of the SDK is compared with the operation that it calls: path
// parameters, query, body and answer, down to each field's name and type.
func TestTheMethodsOfTheSDKFitTheirOperations(t *testing.T) {
	described := map[string]*operation{}
	for _, operation := range operationsOf(document(t)) {
		described[operation.OperationID] = operation
	}
	compared := comparison{report: t.Errorf, types: map[reflect.Type]bool{}}
	for _, entry := range operations.All {
		for _, call := range entry.SDKMethods {
			operation := described[entry.ID]
			if operation == nil {
				t.Errorf("%s calls %s, which is not in the document", call, entry.ID)
				continue
			}
			method, found := methodOf(call)
			if !found {
				t.Errorf("%s calls %s, says the table, but is no method", call, entry.ID)
				continue
			}
			compared.call(call, method.Type, operation)
		}
	}

	names := map[string]bool{}
	for compared := range compared.types {
		names[compared.Name()] = true
	}
	for name, schema := range document(t).Components.Schemas {
		if schema.Value.Type.Is(openapi3.TypeObject) && !names[name] && name != "Error" && !strings.HasSuffix(name, "Page") {
			t.Errorf("the schema %s has no type", name)
		}
	}
	for _, name := range wireTypes(t) {
		if !names[name] {
			t.Errorf("no method that the table names takes or returns the type %s", name)
		}
	}
}

func TestEveryMethodOfTheSDKCallsAnOperationOfTheTable(t *testing.T) {
	var named []string
	for _, entry := range operations.All {
		named = append(named, entry.SDKMethods...)
	}
	client := reflect.TypeFor[flowretail.Client]()
	for i := range client.NumField() {
		service := client.Field(i)
		if !service.IsExported() {
			continue
		}
		for j := range service.Type.NumMethod() {
			if call := service.Name + "." + service.Type.Method(j).Name; !slices.Contains(named, call) {
				t.Errorf("%s is not in the table", call)
			}
		}
	}
}

func TestErrorsKeepEveryFieldOfTheDocument(t *testing.T) {
	for name := range document(t).Components.Schemas["Error"].Value.Properties {
		if _, found := reflect.TypeFor[flowretail.GenericError]().FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) }); !found {
			t.Errorf("GenericError has no field for %s", name)
		}
	}
}

func TestTheConstantsOfTheSDKAreTheEnumsOfTheDocument(t *testing.T) {
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
			t.Errorf("%s has the constants %q, the document has %q", name, got, values)
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

// comparison remembers the types that it has compared.
type comparison struct {
	report func(format string, args ...any)
	types  map[reflect.Type]bool
}

func (c *comparison) call(name string, method reflect.Type, operation *operation) {
	var pathValues int
	var input reflect.Type
	var invite bool
	for i := 1; i < method.NumIn(); i++ { // 0 is the receiver
		switch in := method.In(i); {
		case in == reflect.TypeFor[context.Context](), i == method.NumIn()-1 && method.IsVariadic():
		case in == reflect.TypeFor[string]():
			pathValues++
		case in == reflect.TypeFor[flowretail.Secret]():
			invite = true
		default:
			input = in.Elem()
		}
	}
	if want := len(operation.in(openapi3.ParameterInPath)); pathValues != want {
		c.report("%s takes %d identifiers, %s has %d", name, pathValues, operation.path, want)
	}
	if want := slices.ContainsFunc(operation.parameters, func(p *openapi3.Parameter) bool { return p.Name == "x-invite-token" }); invite != want {
		c.report("%s takes an invite token: %t, the document: %t", name, invite, want)
	}
	c.query(name, input, operation)
	if body := operation.body(); body != nil {
		if input == nil {
			c.report("%s sends no body", name)
		} else {
			c.object(name+" body", input, body, true)
		}
	}
	c.answer(name, method, operation)
}

// query compares the url tags of an input with the query parameters.
func (c *comparison) query(name string, input reflect.Type, operation *operation) {
	tags := map[string]reflect.Type{}
	if input != nil {
		for _, field := range reflect.VisibleFields(input) {
			if tag, _, _ := strings.Cut(field.Tag.Get("url"), ","); tag != "" && tag != "-" {
				tags[tag] = field.Type
			}
		}
	}
	for _, parameter := range operation.in(openapi3.ParameterInQuery) {
		kind, found := tags[parameter.Name]
		if !found {
			c.report("%s does not take the query parameter %s", name, parameter.Name)
			continue
		}
		delete(tags, parameter.Name)
		c.value(name+" query "+parameter.Name, kind, parameter.Schema, true)
	}
	for tag := range tags {
		c.report("%s sends the query parameter %s, which is not in the document", name, tag)
	}
}

func (c *comparison) answer(name string, method reflect.Type, operation *operation) {
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
			c.report("%s returns %s, the document has no answer", name, out)
		}
	case out.Kind() == reflect.Func: // iter.Seq2[*T, error]
		c.value(name+" item", out.In(0).In(0), content.Schema.Value.Properties["items"].Value.Items, false)
	default:
		ref := content.Schema
		if len(ref.Value.AnyOf) > 0 { // the token exchange, whose answers all become one type
			ref = ref.Value.AnyOf[0]
		}
		c.value(name+" answer", out, ref, false)
	}
}

// value compares a Go type with a schema.
func (c *comparison) value(where string, kind reflect.Type, ref *openapi3.SchemaRef, sent bool) {
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	schema := ref.Value
	fits := false
	switch {
	case kind == reflect.TypeFor[flowretail.Secret]():
		fits = schema.Format == "password"
	case kind == reflect.TypeFor[time.Time]():
		fits = nameOf(ref) == "Timestamp"
	case kind.Kind() == reflect.Struct:
		c.object(where, kind, ref, sent)
		return
	case kind.Kind() == reflect.Slice:
		if fits = schema.Type.Is(openapi3.TypeArray); fits {
			c.value(where+"[]", kind.Elem(), schema.Items, sent)
		}
	case kind == reflect.TypeFor[string]():
		fits = schema.Type.Is(openapi3.TypeString) && schema.Enum == nil && schema.Format == ""
	case kind.Kind() == reflect.String && sent:
		fits = nameOf(ref) == kind.Name()
	case kind.Kind() == reflect.String:
		fits = nameOf(ref) == "Any"+kind.Name()
	case kind.Kind() == reflect.Bool:
		fits = schema.Type.Is(openapi3.TypeBoolean)
	case kind.Kind() == reflect.Int:
		fits = schema.Type.Is(openapi3.TypeInteger)
	}
	if !fits {
		c.report("%s: %s does not fit the schema %s", where, kind, ref.Ref)
	}
}

// object compares the fields of a struct with the properties of a schema that
// has its name, except that a Page is named after its items.
func (c *comparison) object(where string, kind reflect.Type, ref *openapi3.SchemaRef, sent bool) {
	name := kind.Name()
	if strings.HasPrefix(name, "Page[") {
		name = kind.Field(0).Type.Elem().Name() + "Page"
	}
	if nameOf(ref) != name {
		c.report("%s is a %s, and a %s in the document", where, name, nameOf(ref))
		return
	}
	if c.types[kind] {
		return
	}
	c.types[kind] = true
	left := map[string]bool{}
	for property := range ref.Value.Properties {
		left[property] = true
	}
	for _, field := range reflect.VisibleFields(kind) {
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
		c.identifier(where, field, ref.Value.Properties[property], sent)
	}
	for property := range left {
		c.report("%s has no field for %s", name, property)
	}
	if !sent && !strings.HasPrefix(kind.Name(), "Page") && name != "Paging" {
		if extra, found := kind.FieldByName("Extra"); !found || extra.Type != reflect.TypeFor[map[string]json.RawMessage]() {
			c.report("%s does not keep fields that the document lacks", name)
		}
	}
}

// presence compares whether a field has to be there.
func (c *comparison) presence(where string, field reflect.StructField, options string, required, sent bool) {
	omitted := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
	if omitted == required {
		c.report("%s may be left out: %t, required in the document: %t", where, omitted, required)
	}
	if demanded := slices.Contains(strings.Split(field.Tag.Get("api"), ","), "required"); sent && demanded != required {
		c.report("%s is demanded: %t, required in the document: %t", where, demanded, required)
	}
}

// identifier compares which fields the SDK checks for being a UID before it
// sends them. What a pointer holds is left to the API.
func (c *comparison) identifier(where string, field reflect.StructField, ref *openapi3.SchemaRef, sent bool) {
	checked := slices.Contains(strings.Split(field.Tag.Get("api"), ","), "uid")
	isUID := nameOf(ref) == "UID" || nameOf(ref) == "OptionalUID"
	if sent && field.Type.Kind() == reflect.String && checked != isUID {
		c.report("%s is checked as a UID: %t, is one in the document: %t", where, checked, isUID)
	}
}

// rootFiles parses the files of package flowretail.
func rootFiles(t *testing.T) (files []*ast.File) {
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

// wireTypes names the exported structs that have json tags.
func wireTypes(t *testing.T) (names []string) {
	for _, file := range rootFiles(t) {
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
	for _, file := range rootFiles(t) {
		for node := range ast.Preorder(file) {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || !spec.Names[0].IsExported() || len(spec.Values) != 1 {
				continue
			}
			kind, named := spec.Type.(*ast.Ident)
			literal, text := spec.Values[0].(*ast.BasicLit)
			if !named || !text || literal.Kind != token.STRING {
				continue
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			constants[kind.Name] = append(constants[kind.Name], value)
		}
	}
	return constants
}
