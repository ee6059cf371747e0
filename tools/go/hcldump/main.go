// Command hcldump reads templates with the parser that Packer has, and says what it found.
//
// Each line of its input is a JSON object {"hcl": TEXT, "json": TEXT, "plain": VALUE}; each line of its output has what
// stands in the three: blocks, attributes and values of a template in Packer's native and in its JSON syntax, and any
// value with its strings in the one normal form that Packer keeps them in (Unicode's NFC).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

type question struct {
	HCL   *string         `json:"hcl"`
	JSON  *string         `json:"json"`
	Plain json.RawMessage `json:"plain"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			text, _ := json.Marshal(answer(line))
			out.Write(append(text, '\n'))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}

func answer(line []byte) map[string]any {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return map[string]any{"error": err.Error()}
	}
	result := map[string]any{}
	keep := func(name string, value any, err error) {
		if err != nil {
			result["error"] = fmt.Sprintf("%s: %s", name, err)
			return
		}
		result[name] = value
	}
	if q.HCL != nil {
		file, diags := hclsyntax.ParseConfig([]byte(*q.HCL), "build.pkr.hcl", hcl.InitialPos)
		value, err := template(file, diags)
		keep("hcl", value, err)
	}
	if q.JSON != nil {
		file, diags := hcljson.Parse([]byte(*q.JSON), "build.pkr.json")
		value, err := template(file, diags)
		keep("json", value, err)
	}
	if len(q.Plain) > 0 {
		value, err := normal(q.Plain)
		keep("plain", value, err)
	}
	return result
}

// What Packer itself reads at the top of a template; another block or attribute is an error.
func template(file *hcl.File, diags hcl.Diagnostics) (any, error) {
	if diags.HasErrors() {
		return nil, diags
	}
	content, diags := file.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "packer"},
		{Type: "variable", LabelNames: []string{"name"}},
		{Type: "source", LabelNames: []string{"type", "name"}},
		{Type: "build"},
	}})
	if diags.HasErrors() {
		return nil, diags
	}
	var secrets []string
	for _, block := range content.Blocks.OfType("variable") {
		secrets = append(secrets, block.Labels[0])
	}
	sort.Strings(secrets)
	variables := map[string]cty.Value{}
	for _, name := range secrets {
		variables[name] = cty.StringVal("<var." + name + ">")
	}
	context := &hcl.EvalContext{Variables: map[string]cty.Value{
		"var":  cty.ObjectVal(variables),
		"path": cty.ObjectVal(map[string]cty.Value{"root": cty.StringVal(".")}),
	}}
	found := []any{}
	for _, block := range content.Blocks {
		var inside any
		var err error
		switch block.Type {
		case "variable":
			inside, err = variable(block.Body)
		case "packer":
			inside, err = nested(block.Body, []string{"required_plugins"}, context)
		case "build":
			inside, err = build(block.Body, context)
		default:
			inside, err = body(block.Body, context)
		}
		if err != nil {
			return nil, err
		}
		found = append(found, map[string]any{"type": block.Type, "labels": append([]string{}, block.Labels...), "body": inside})
	}
	// The two syntaxes may hold them in another order, which means nothing to Packer.
	sort.SliceStable(found, func(i, j int) bool { return key(found[i]) < key(found[j]) })
	return found, nil
}

func key(block any) string {
	fields := block.(map[string]any)
	return fmt.Sprint(fields["type"], fields["labels"])
}

// A variable's type is a keyword in one syntax and a text in the other.
func variable(inside hcl.Body) (any, error) {
	attributes, diags := inside.JustAttributes()
	if diags.HasErrors() {
		return nil, diags
	}
	values := map[string]any{}
	for name, attribute := range attributes {
		if name == "type" {
			values[name] = hcl.ExprAsKeyword(attribute.Expr)
			continue
		}
		value, diags := attribute.Expr.Value(nil)
		if diags.HasErrors() {
			return nil, diags
		}
		values[name] = ctyjson.SimpleJSONValue{Value: value}
	}
	return values, nil
}

// A build: its attributes, and its steps in their order.
func build(inside hcl.Body, context *hcl.EvalContext) (any, error) {
	content, diags := inside.Content(&hcl.BodySchema{
		Attributes: []hcl.AttributeSchema{{Name: "sources"}},
		Blocks: []hcl.BlockHeaderSchema{
			{Type: "provisioner", LabelNames: []string{"type"}},
			{Type: "post-processor", LabelNames: []string{"type"}},
		},
	})
	if diags.HasErrors() {
		return nil, diags
	}
	result := map[string]any{"provisioner": []any{}, "post-processor": []any{}}
	for name, attribute := range content.Attributes {
		value, diags := attribute.Expr.Value(context)
		if diags.HasErrors() {
			return nil, diags
		}
		result[name] = ctyjson.SimpleJSONValue{Value: value}
	}
	for _, block := range content.Blocks {
		step, err := body(block.Body, context)
		if err != nil {
			return nil, err
		}
		entry := map[string]any{"type": block.Labels[0], "body": step}
		result[block.Type] = append(result[block.Type].([]any), entry)
	}
	return result, nil
}

// A body that has these blocks only, each once.
func nested(inside hcl.Body, names []string, context *hcl.EvalContext) (any, error) {
	schema := &hcl.BodySchema{}
	for _, name := range names {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: name})
	}
	content, diags := inside.Content(schema)
	if diags.HasErrors() {
		return nil, diags
	}
	result := map[string]any{}
	for _, block := range content.Blocks {
		value, err := body(block.Body, context)
		if err != nil {
			return nil, err
		}
		result[block.Type] = value
	}
	return result, nil
}

// Attributes by their names, and nested blocks as a list of bodies for each name, which is how the JSON syntax writes
// them.
func body(inside hcl.Body, context *hcl.EvalContext) (any, error) {
	result := map[string]any{}
	native, isNative := inside.(*hclsyntax.Body)
	if isNative {
		for name, attribute := range native.Attributes {
			value, diags := attribute.Expr.Value(context)
			if diags.HasErrors() {
				return nil, diags
			}
			result[name] = ctyjson.SimpleJSONValue{Value: value}
		}
		for _, block := range native.Blocks {
			if len(block.Labels) > 0 {
				return nil, fmt.Errorf("the block %s has labels", block.Type)
			}
			value, err := body(block.Body, context)
			if err != nil {
				return nil, err
			}
			others, isList := result[block.Type].([]any)
			if _, taken := result[block.Type]; taken && !isList {
				return nil, fmt.Errorf("%s is an attribute and a block", block.Type)
			}
			result[block.Type] = append(others, value)
		}
		return result, nil
	}
	attributes, diags := inside.JustAttributes()
	if diags.HasErrors() {
		return nil, diags
	}
	for name, attribute := range attributes {
		value, diags := attribute.Expr.Value(context)
		if diags.HasErrors() {
			return nil, diags
		}
		result[name] = ctyjson.SimpleJSONValue{Value: value}
	}
	return result, nil
}

// The value as Packer keeps it.
func normal(text []byte) (any, error) {
	kind, err := ctyjson.ImpliedType(text)
	if err != nil {
		return nil, err
	}
	value, err := ctyjson.Unmarshal(text, kind)
	if err != nil {
		return nil, err
	}
	return ctyjson.SimpleJSONValue{Value: value}, nil
}
