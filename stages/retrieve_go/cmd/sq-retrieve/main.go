// Command sq-retrieve is the stage that sends queries to the search endpoint under test.
package main

import (
	"os"

	retrieve "sq/stages/retrieve_go"
)

func main() { os.Exit(retrieve.Stage.Main(os.Args[1:])) }
