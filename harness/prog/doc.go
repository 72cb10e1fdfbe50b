package prog

import (
	"fmt"
	"strings"
)

// Markdown describes what programs over s may contain: a table of the ops of each class, and one of the faults.
func (s *Spec) Markdown() string {
	var b strings.Builder
	for class := range Class(numClasses) {
		s.writeOps(&b, class)
	}
	if len(s.Faults) > 0 {
		b.WriteString("## Faults\n\nThey strike inside one call of the device: `(fault: name@nth=value)` at the nth passage of a place there. " +
			"Lawful ones keep to the protocol, and excuse nothing.\n\n| fault | value | lawful | what happens | passage |\n| --- | --- | --- | --- | --- |\n")
	}
	for i := range s.Faults {
		f := &s.Faults[i]
		value, lawful := "", ""
		if f.Value != nil {
			value = f.Value.values()
		}
		if f.Lawful {
			lawful = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.Name, value, lawful, f.Doc, f.Site)
	}
	return b.String()
}

func (s *Spec) writeOps(b *strings.Builder, class Class) {
	head := fmt.Sprintf("## Ops of the %s\n\n| op | returns | arguments |\n| --- | --- | --- |\n", class)
	for i := range s.Ops {
		op := &s.Ops[i]
		if op.Class != class {
			continue
		}
		b.WriteString(head)
		head = ""
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", op.usage(), op.Result, op.arguments())
	}
	if head == "" {
		b.WriteString("\n")
	}
}

// usage is the op with the names of its arguments.
func (op *Op) usage() string {
	var args []string
	for i := range op.Args {
		a := &op.Args[i]
		if a.Optional {
			args = append(args, a.Name+"="+a.text(a.Default))
			continue
		}
		args = append(args, a.Name)
	}
	return op.Name + "(" + strings.Join(args, ", ") + ")"
}

func (op *Op) arguments() string {
	var args []string
	for i := range op.Args {
		args = append(args, "`"+op.Args[i].Name+"`: "+op.Args[i].values())
	}
	return strings.Join(args, "; ")
}

// values says which values an argument may have.
func (a *Arg) values() string {
	switch a.Kind {
	case Enum:
		return strings.Join(a.Choices, ", ")
	case Ref:
		return "what returned " + strings.Join(a.Of, " or ")
	}
	return a.text(a.Min) + " to " + a.text(a.Max)
}
