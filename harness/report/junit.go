package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The parts of JUnit's XML that CI systems read. There is no standard; this is what Jenkins's schema (xunit-plugin, junit-10.xsd) takes.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Failure   *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes any number of runs as tests that passed or failed: a target is a suite, a reproducer a test.
func JUnit(w io.Writer, docs []*Document) error {
	all := junitSuites{Name: "linkflap"}
	suites := map[string]int{}
	for i, d := range docs {
		name := clean(d.Target)
		at, ok := suites[name]
		if !ok {
			at = len(all.Suites)
			suites[name] = at
			all.Suites = append(all.Suites, junitSuite{Name: name})
		}
		s := &all.Suites[at]
		c := junitCase{Name: strings.TrimSuffix(clean(d.File[strings.LastIndexByte(d.File, '/')+1:]), ".txt"), ClassName: name}
		if d.File == "" {
			c.Name = fmt.Sprintf("program %d", i+1)
		}
		if d.Verdict != OK {
			c.Failure = &junitFailure{
				Message: clean(d.Verdict), Type: clean(d.Oracle()),
				Text: d.summary() + "\n\n" + Timeline(d.Trace(), d.moment(), excerpt),
			}
			s.Failures++
			all.Failures++
		}
		s.Cases = append(s.Cases, c)
		s.Tests++
		all.Tests++
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}
