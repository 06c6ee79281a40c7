package jsonwire

// skip reads any value and drops it. It makes all checks of Unmarshal except
// that for duplicate names.
func (d *decoder) skip() error {
	var err error
	switch d.nextKind() {
	case '"':
		_, err = d.text()
	case '{':
		err = d.skipAll('}')
	case '[':
		err = d.skipAll(']')
	case 't':
		_, err = d.boolean()
	case 'n':
		err = d.literal("null")
	case '0':
		_, err = d.number()
	default:
		err = d.expected(expectsValue)
	}
	return err
}

// skipAll skips an array or object.
func (d *decoder) skipAll(end byte) error {
	for n := 0; ; n++ {
		if more, err := d.more(end, n); !more {
			return err
		}
		if end == '}' {
			if _, err := d.name(); err != nil {
				return err
			}
		}
		if err := d.skip(); err != nil {
			return err
		}
	}
}

// raw skips a value and returns its bytes, which belong to the document.
func (d *decoder) raw() ([]byte, error) {
	start := d.pos
	if err := d.skip(); err != nil {
		return nil, err
	}
	return d.data[start:d.pos], nil
}
