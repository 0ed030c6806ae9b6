package stagekit

import (
	"fmt"

	"google.golang.org/protobuf/encoding/prototext"

	sqv1 "sq/proto/sq/v1"
)

// ParseContract reads stage.textproto and checks it against the rules of its message.
func ParseContract(text []byte) (*sqv1.StageContract, error) {
	contract := &sqv1.StageContract{}
	if err := prototext.Unmarshal(text, contract); err != nil {
		return nil, fmt.Errorf("stage.textproto: %w", err)
	}
	return contract, CheckMessage(contract, "stage.textproto")
}
