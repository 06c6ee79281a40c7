package jsonwire

// skip reads any value and drops it. It makes all checks of Unmarshal except
// that for duplicate names.
func (d *decoder) skip() error {
	if d.pos >= len(d.data) {
		return d.truncated()
	}
	switch d.data[d.pos] {
	case '"':
		_, err := d.text()
		return err
	case '{':
		return d.skipObject()
	case '[':
		return d.skipArray()
	case 't':
		return d.literal("true")
	case 'f':
		return d.literal("false")
	case 'n':
		return d.literal("null")
	default:
		if !d.nextIsNumber() {
			return d.expected(expectsValue)
		}
		_, _, err := d.number()
		return err
	}
}

func (d *decoder) skipArray() error {
	empty, err := d.open(']')
	if empty || err != nil {
		return err
	}
	for {
		if err := d.skip(); err != nil {
			return err
		}
		if more, err := d.more(']'); !more {
			return err
		}
	}
}

func (d *decoder) skipObject() error {
	empty, err := d.open('}')
	if empty || err != nil {
		return err
	}
	for {
		if _, err := d.name(); err != nil {
			return err
		}
		if err := d.skip(); err != nil {
			return err
		}
		if more, err := d.more('}'); !more {
			return err
		}
	}
}

// name reads a member's name and the colon.
func (d *decoder) name() ([]byte, error) {
	if !d.nextIs('"') {
		return nil, d.expected("a member name")
	}
	text, err := d.text()
	if err != nil {
		return nil, err
	}
	return text, d.colon()
}

// raw skips a value and returns its bytes, which belong to the document.
func (d *decoder) raw() ([]byte, error) {
	start := d.pos
	if err := d.skip(); err != nil {
		return nil, err
	}
	return d.data[start:d.pos], nil
}
