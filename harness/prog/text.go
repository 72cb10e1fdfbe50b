package prog

import "strconv"

// scheduleHeader divides calls and schedule in the text form.
const scheduleHeader = "-- schedule --"

// String returns the text form of p, which Parse reads back: one line a call,
//
//	[task ":"] [result "="] op "(" args ")" ["(fault: " name "@" nth ["=" value] ")"]
//
// and if there is a schedule the line "-- schedule --" and one line a step: a task, then done, block or a number.
func (p *Prog) String() string {
	names := p.names()
	var b []byte
	for i := range p.Calls {
		b = append(p.appendCall(b, i, names), '\n')
	}
	if len(p.Schedule) > 0 {
		b = append(b, scheduleHeader+"\n"...)
	}
	for _, s := range p.Schedule {
		b = append(b, s.String()+"\n"...)
	}
	return string(b)
}

// String returns the text form of s.
func (s Step) String() string {
	if s.Until == Points {
		return s.Task.String() + " " + strconv.Itoa(s.N)
	}
	return s.Task.String() + " " + s.Until.String()
}

// Name returns the name of the result of a call, such as s0: the kind, and how many calls before it return that kind.
// It is "" if the call returns nothing.
func (p *Prog) Name(call int) string {
	kind := p.op(call).Result
	if kind == "" {
		return ""
	}
	n := 0
	for i := range call {
		if p.op(i).Result == kind {
			n++
		}
	}
	return kind + strconv.Itoa(n)
}

// names returns the Name of each call.
func (p *Prog) names() []string {
	names := make([]string, len(p.Calls))
	for i := range names {
		names[i] = p.Name(i)
	}
	return names
}

func (p *Prog) appendCall(b []byte, i int, names []string) []byte {
	c, op := &p.Calls[i], p.op(i)
	if c.Task != Main {
		b = append(b, c.Task.String()+": "...)
	}
	if names[i] != "" {
		b = append(b, names[i]+" = "...)
	}
	b = append(b, op.Name+"("...)
	sep := ""
	for j := range op.Args {
		text, ok := op.Args[j].written(c.Args[j], names)
		if !ok {
			continue
		}
		b = append(b, sep+text...)
		sep = ", "
	}
	b = append(b, ')')
	if c.Fault != nil {
		b = append(b, " (fault: "+p.Spec.faultText(c.Fault)+")"...)
	}
	return b
}

// written returns an argument as it stands between the parentheses, and false if it is left out.
func (a *Arg) written(v int64, names []string) (text string, ok bool) {
	switch {
	case a.Kind == Ref:
		return names[v], true
	case !a.Optional:
		return a.text(v), true
	case v == a.Default:
		return "", false
	}
	return a.Name + "=" + a.text(v), true
}

func (s *Spec) faultText(f *Fault) string {
	spec := &s.Faults[f.Kind]
	text := spec.Name + "@" + strconv.Itoa(f.Nth)
	if spec.Value != nil {
		text += "=" + spec.Value.text(f.Value)
	}
	return text
}
