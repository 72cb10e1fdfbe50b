package report

import (
	"cmp"
	"encoding/json"
	"io"
)

// home is where linkflap lives.
const home = "https://github.com/linkflap/linkflap"

// The parts of SARIF 2.1.0 that are used (OASIS, Static Analysis Results Interchange Format, section 3).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
)

// SARIF writes the violations of any number of runs for code scanning: an oracle is a rule, and the place is the reproducer. Runs without
// violation have no result.
func SARIF(w io.Writer, docs []*Document) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "linkflap", InformationURI: home, Rules: []sarifRule{}}
	rules := map[string]int{}
	for _, d := range docs {
		run.Tool.Driver.Version = clean(d.Tool)
		oracle := clean(d.Oracle())
		if oracle == "" {
			continue
		}
		if _, ok := rules[oracle]; !ok {
			rules[oracle] = len(rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{oracle, sarifText{cmp.Or(clean(d.Contract), oracle)}})
		}
		run.Results = append(run.Results, d.result(oracle, rules[oracle]))
	}
	log := sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
	text, err := json.MarshalIndent(log, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func (d *Document) result(oracle string, rule int) sarifResult {
	r := sarifResult{
		RuleID: oracle, RuleIndex: rule, Level: "error", Message: sarifText{d.summary()},
		Fingerprints: map[string]string{"signature/v1": clean(d.Target) + ": " + clean(d.Verdict)},
	}
	var at sarifLocation
	at.Physical.Artifact.URI = uri(d.File)
	at.Physical.Region.StartLine = 1
	r.Locations = []sarifLocation{at}
	return r
}

// summary is what happened, in a few lines.
func (d *Document) summary() string {
	text := clean(d.Target) + ": " + clean(d.Verdict)
	if d.Detail != "" {
		text += " (" + clean(d.Detail) + ")"
	}
	for i, line := range linesOf(d.Program) {
		if i == 0 {
			text += "\n"
		}
		text += "\n    " + line
	}
	return text
}

// uri is a path as a relative URI reference (RFC 3986): bytes other than unreserved ones and slashes are escaped.
func uri(path string) string {
	const hex = "0123456789ABCDEF"
	if path == "" {
		return "program"
	}
	var out []byte
	for _, c := range []byte(path) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/':
			out = append(out, c)
		default:
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}
