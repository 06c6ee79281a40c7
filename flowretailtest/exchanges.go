package flowretailtest

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// ExchangesFile is the environment variable that names a file to which all
// fakes of all processes append their exchanges: an [Exchange] a line, as JSON,
// with the tokens in clear. Without it nothing is written.
const ExchangesFile = "FLOWRETAILTEST_EXCHANGES_FILE"

// toExchangesFile returns what appends to the file; nil when none is named.
var toExchangesFile = sync.OnceValue(func() func(Exchange) {
	name := os.Getenv(ExchangesFile)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(fmt.Sprintf("flowretailtest: %s: %v", ExchangesFile, err))
	}
	return func(exchange Exchange) {
		line, err := json.Marshal(exchange)
		if err == nil {
			// One write a line keeps the lines of several processes apart.
			_, err = file.Write(append(line, '\n'))
		}
		if err != nil {
			panic(fmt.Sprintf("flowretailtest: %s: %v", ExchangesFile, err))
		}
	}
})
