// Command handoff_go compares the speed of Go's artefact library with that of bare protobuf and zstd. Both write and read the
// judgments of an artefact, in turn. It prints the rates as JSON.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

// rate is the speed of both, in records per second.
type rate struct {
	Ours   float64 `json:"ours"`
	Theirs float64 `json:"theirs"`
}

type part struct {
	Name  string `json:"name"`
	Rates []rate `json:"rates"`
}

func main() {
	source := flag.String("artefact", "", "URI of an artefact of judgments")
	folder := flag.String("folder", "", "folder for temporary files")
	pairs := flag.Int("pairs", 5, "number of measurements")
	flag.Parse()
	if err := run(context.Background(), *source, *folder, *pairs); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, source, folder string, pairs int) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	records, err := read(ctx, source)
	if err != nil {
		return err
	}
	bare := filepath.Join(folder, "bare.zst")
	written := filepath.Join(folder, "artefact")
	writing, err := inTurn("handoff write, Go", len(records), pairs,
		func() error { return writeArtefact(ctx, written, records) },
		func() error { return writeBare(bare, records) })
	if err != nil {
		return err
	}
	reading, err := inTurn("handoff read, Go", len(records), pairs,
		func() error { return readArtefact(ctx, written, len(records)) },
		func() error { return readBare(bare, len(records)) })
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode([]part{writing, reading})
}

// inTurn measures ours and theirs alternately. It ignores the first pair, which warms up.
func inTurn(name string, records, pairs int, ours, theirs func() error) (part, error) {
	p := part{Name: name}
	for i := range pairs + 1 {
		a, err := perSecond(records, ours)
		if err != nil {
			return p, err
		}
		b, err := perSecond(records, theirs)
		if err != nil {
			return p, err
		}
		if i > 0 {
			p.Rates = append(p.Rates, rate{Ours: a, Theirs: b})
		}
	}
	return p, nil
}

func perSecond(records int, work func() error) (float64, error) {
	start := time.Now()
	err := work()
	return float64(records) / time.Since(start).Seconds(), err
}

func expect(got, want int) error {
	if got != want {
		return fmt.Errorf("%d records, want %d", got, want)
	}
	return nil
}

func writeBare(path string, records []*sqv1.JudgingRecord) error {
	var out bytes.Buffer
	stream, err := zstd.NewWriter(&out)
	if err != nil {
		return err
	}
	for _, record := range records {
		data, err := proto.Marshal(record)
		if err != nil {
			return err
		}
		if _, err := stream.Write(binary.AppendUvarint(nil, uint64(len(data)))); err != nil {
			return err
		}
		if _, err := stream.Write(data); err != nil {
			return err
		}
	}
	if err := stream.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

func readBare(path string, want int) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	stream, err := zstd.NewReader(file)
	if err != nil {
		return err
	}
	defer stream.Close()
	in := bufio.NewReader(stream)
	count := 0
	for ; ; count++ {
		size, err := binary.ReadUvarint(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(in, data); err != nil {
			return err
		}
		if err := proto.Unmarshal(data, &sqv1.JudgingRecord{}); err != nil {
			return err
		}
	}
	return expect(count, want)
}

func writeArtefact(ctx context.Context, folder string, records []*sqv1.JudgingRecord) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	writer, err := artefact.NewWriter[*sqv1.JudgingRecord](folder, 0)
	if err != nil {
		return err
	}
	for _, record := range records {
		if err := writer.Write(ctx, record); err != nil {
			return err
		}
	}
	_, err = writer.Publish(ctx, &sqv1.Provenance{Stage: "bench"}, nil)
	return err
}

func readArtefact(ctx context.Context, uri string, want int) error {
	count := 0
	err := each(ctx, uri, func(*sqv1.JudgingRecord) { count++ })
	if err != nil {
		return err
	}
	return expect(count, want)
}

func read(ctx context.Context, uri string) (records []*sqv1.JudgingRecord, err error) {
	err = each(ctx, uri, func(record *sqv1.JudgingRecord) { records = append(records, record) })
	return records, err
}

func each(ctx context.Context, uri string, use func(*sqv1.JudgingRecord)) error {
	reader, err := artefact.Open[*sqv1.JudgingRecord](ctx, uri)
	if err != nil {
		return err
	}
	for record, err := range reader.All(ctx) {
		if err != nil {
			return err
		}
		use(record)
	}
	return nil
}
