package main

import (
	"bytes"
	"image/color"
	"os"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	plotWidth  = 24 * vg.Centimeter
	plotHeight = 7 * vg.Centimeter
)

var (
	sdkColor   = color.RGBA{R: 0x1f, G: 0x6f, B: 0xb4, A: 0xff}
	otherColor = color.RGBA{R: 0xb4, G: 0xb8, B: 0xbd, A: 0xff}
)

// plotted are the clients in the chart, from top to bottom.
var plotted = []struct{ name, label string }{
	{"generated", "oapi-codegen"},
	{"handwritten", "encoding/json"},
	{"handwritten8", "encoding/json, 8 pages"},
	{"sdk", "flowretail-go"},
	{"sdk8", "flowretail-go, Prefetch(8)"},
}

// plotResults draws the chart into an SVG file.
func plotResults(r results, file string) error {
	canvas := vgsvg.New(plotWidth, plotHeight)
	if err := drawResults(r, draw.New(canvas)); err != nil {
		return err
	}
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	// If the library's font is missing, use fonts of about the same width.
	families := []byte("font-family:Liberation Sans, Arial, Helvetica, sans-serif;")
	return os.WriteFile(file, bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans;"), families), 0o644)
}

// drawResults draws panels for time, CPU and memory side by side.
func drawResults(r results, canvas draw.Canvas) error {
	panels := []struct {
		title string
		delay bool
		value func(measurement) float64
	}{
		{"Seconds, with 40 ms latency", true, wall},
		{"Seconds of CPU", false, cpu},
		{"Peak heap in MiB", true, peak},
	}
	row := make([]*plot.Plot, len(panels))
	for i, panel := range panels {
		values := make(plotter.Values, len(plotted))
		for k, c := range plotted {
			values[k] = r.median(workload{"sync", c.name, panel.delay}, panel.value)
		}
		drawn, err := barPanel(panel.title, values, i == 0)
		if err != nil {
			return err
		}
		row[i] = drawn
	}
	tiles := draw.Tiles{
		Rows: 1, Cols: len(row), PadX: vg.Points(14),
		PadTop: vg.Points(6), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadRight: vg.Points(10),
	}
	for i, tile := range plot.Align([][]*plot.Plot{row}, tiles, canvas)[0] {
		row[i].Draw(tile)
	}
	return nil
}

// barPanel draws one bar for each client. If named, it has the names of the clients.
func barPanel(title string, values plotter.Values, named bool) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = title
	p.Title.TextStyle.Font = sans(10)
	p.Title.Padding = vg.Points(4)
	p.X.Min, p.X.Max = 0, 1.2*slices.Max(values)
	p.HideX()
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle.Width = 0
	p.Y.Tick.Label.Font = sans(9)
	labels := make([]string, len(values))
	points := make(plotter.XYs, len(values))
	for i, value := range values {
		position := len(values) - 1 - i // the first value is at the top
		fill := otherColor
		if i >= 3 {
			fill = sdkColor
		}
		bar, err := plotter.NewBarChart(plotter.Values{value}, vg.Points(16))
		if err != nil {
			return nil, err
		}
		bar.Horizontal, bar.Color, bar.LineStyle.Width, bar.XMin = true, fill, 0, float64(position)
		p.Add(bar)
		labels[position] = ""
		if named {
			labels[position] = plotted[i].label
		}
		points[i] = plotter.XY{X: value, Y: float64(position)}
	}
	amounts := make([]string, len(values))
	for i, value := range values {
		amounts[i] = strconv.FormatFloat(value, 'g', 2, 64)
	}
	valueLabels, err := plotter.NewLabels(plotter.XYLabels{XYs: points, Labels: amounts})
	if err != nil {
		return nil, err
	}
	for i := range valueLabels.TextStyle {
		valueLabels.TextStyle[i].Font = sans(9)
		valueLabels.TextStyle[i].YAlign = text.YCenter
	}
	valueLabels.Offset = vg.Point{X: vg.Points(4)}
	p.Add(valueLabels)
	p.NominalY(labels...)
	p.Y.Tick.Label.Font = sans(9)
	return p, nil
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}
