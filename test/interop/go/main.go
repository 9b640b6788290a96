// Command interop reads a served log with nothing but other people's code:
// notes and tiles by golang.org/x/mod/sumdb, proofs by transparency-dev.
// It exits with status 0 only if every byte of the log agrees with its
// signed checkpoints.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	tlogproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

var (
	base        = flag.String("url", "", "prefix of the log")
	vkey        = flag.String("vkey", "", "Ed25519 verifier key of the log")
	mldsa       = flag.String("mldsa", "", "ML-DSA-44 verifier key of the log, if it has one")
	checkpoints = flag.String("checkpoints", "", "directory of checkpoints served earlier")
	proofs      = flag.String("proofs", "", "directory of .tlog-proof documents served earlier")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func get(path string) ([]byte, error) {
	response, err := http.Get(strings.TrimSuffix(*base, "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %.200s", path, response.Status, body)
	}
	return body, nil
}

// open verifies a checkpoint twice: as a note by x/mod, and as a checkpoint by
// transparency-dev, with the post-quantum signature if there is a key for it.
func open(text []byte, ed note.Verifier, pq note.Verifier) (*flog.Checkpoint, error) {
	if _, err := note.Open(text, note.VerifierList(ed)); err != nil {
		return nil, fmt.Errorf("note: %w", err)
	}
	checkpoint, _, _, err := flog.ParseCheckpoint(text, ed.Name(), ed)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if pq != nil {
		opened, err := note.Open(text, note.VerifierList(pq))
		if err != nil {
			return nil, fmt.Errorf("post-quantum signature: %w", err)
		}
		if len(opened.Sigs) != 1 {
			return nil, fmt.Errorf("%d post-quantum signatures", len(opened.Sigs))
		}
	}
	return checkpoint, nil
}

// tiles reads tiles over HTTP under their tlog-tiles paths and keeps them.
type tiles struct {
	size int64
	kept map[string][]byte
}

func (t *tiles) Height() int { return tileHeight }

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, tile := range wanted {
		// The newest tree's tile is at least as wide as any earlier tree's.
		full := tile
		full.W = int(min(int64(256), t.size>>(tileHeight*tile.L)-tile.N<<tileHeight))
		path := strings.Replace(full.Path(), "tile/8/", "tile/", 1)
		body, ok := t.kept[path]
		if !ok {
			var err error
			if body, err = get(path); err != nil {
				return nil, err
			}
			if len(body) != full.W*tlog.HashSize {
				return nil, fmt.Errorf("%s has %d bytes", path, len(body))
			}
			t.kept[path] = body
		}
		data[i] = body[:tile.W*tlog.HashSize]
	}
	return data, nil
}

// leaves reads every entry bundle and returns the leaf hashes.
func leaves(size int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, 0, size)
	for n := int64(0); n*256 < size; n++ {
		width := int(min(256, size-n*256))
		path := strings.Replace(tlog.Tile{H: tileHeight, L: -1, N: n, W: width}.Path(), "tile/8/data/", "tile/entries/", 1)
		body, err := get(path)
		if err != nil {
			return nil, err
		}
		for i := 0; i < width; i++ {
			if len(body) < 2 {
				return nil, fmt.Errorf("%s ends early", path)
			}
			length := int(binary.BigEndian.Uint16(body))
			if len(body) < 2+length {
				return nil, fmt.Errorf("%s ends inside an entry", path)
			}
			hashes = append(hashes, tlog.RecordHash(body[2:2+length]))
			body = body[2+length:]
		}
		if len(body) != 0 {
			return nil, fmt.Errorf("%s has %d bytes too many", path, len(body))
		}
	}
	return hashes, nil
}

// everyTile requires each served tile to hold exactly the hashes of the tree.
func everyTile(reader *tiles, hashes []tlog.Hash) error {
	row := hashes
	for level := 0; len(row) > 0; level++ {
		var above []tlog.Hash
		for n := 0; n*256 < len(row); n++ {
			part := row[n*256 : min(len(row), n*256+256)]
			data, err := reader.ReadTiles([]tlog.Tile{{H: tileHeight, L: level, N: int64(n), W: len(part)}})
			if err != nil {
				return err
			}
			tree := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
			for i, hash := range part {
				if !bytes.Equal(data[0][i*tlog.HashSize:(i+1)*tlog.HashSize], hash[:]) {
					return fmt.Errorf("tile level %d number %d: hash %d is not that of the tree", level, n, i)
				}
				if err := tree.Append(hash[:], nil); err != nil {
					return err
				}
			}
			if len(part) == 256 {
				root, err := tree.GetRootHash(nil)
				if err != nil {
					return err
				}
				above = append(above, tlog.Hash(root))
			}
		}
		row = above
	}
	return nil
}

func raw(path tlog.RecordProof) [][]byte {
	nodes := make([][]byte, len(path))
	for i := range path {
		nodes[i] = path[i][:]
	}
	return nodes
}

func run() error {
	ed, err := note.NewVerifier(*vkey)
	if err != nil {
		return err
	}
	var pq note.Verifier
	if *mldsa != "" {
		if pq, err = fnote.NewVerifierForCosignatureV1(*mldsa); err != nil {
			return err
		}
	}
	text, err := get("checkpoint")
	if err != nil {
		return err
	}
	newest, err := open(text, ed, pq)
	if err != nil {
		return err
	}
	size := int64(newest.Size)
	root := tlog.Hash(newest.Hash)
	fmt.Printf("checkpoint of %s, size %d\n", newest.Origin, size)

	hashes, err := leaves(size)
	if err != nil {
		return err
	}
	tree := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for _, hash := range hashes {
		if err := tree.Append(hash[:], nil); err != nil {
			return err
		}
	}
	computed, err := tree.GetRootHash(nil)
	if err != nil {
		return err
	}
	if !bytes.Equal(computed, root[:]) {
		return fmt.Errorf("the entries have another root than the checkpoint")
	}
	reader := &tiles{size: size, kept: map[string][]byte{}}
	if err := everyTile(reader, hashes); err != nil {
		return err
	}
	fmt.Printf("%d entries and %d tiles agree with the root\n", size, len(reader.kept))

	hashReader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, reader)
	for i, hash := range hashes {
		path, err := tlog.ProveRecord(size, int64(i), hashReader)
		if err != nil {
			return fmt.Errorf("proving entry %d: %w", i, err)
		}
		if err := tlog.CheckRecord(path, size, root, int64(i), hash); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(size), hash[:], raw(path), root[:]); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	fmt.Printf("inclusion of every entry verified\n")

	earlier, err := captured(ed, pq)
	if err != nil {
		return err
	}
	earlier = append(earlier, newest)
	pairs := 0
	for _, from := range earlier {
		for _, to := range earlier {
			if from.Size > to.Size {
				continue
			}
			if err := consistent(from, to, hashReader); err != nil {
				return fmt.Errorf("consistency %d to %d: %w", from.Size, to.Size, err)
			}
			pairs++
		}
	}
	fmt.Printf("consistency of %d pairs of checkpoints verified\n", pairs)
	return documents(ed, pq, hashes)
}

func captured(ed, pq note.Verifier) ([]*flog.Checkpoint, error) {
	files, err := filepath.Glob(filepath.Join(*checkpoints, "*.checkpoint"))
	if err != nil {
		return nil, err
	}
	var all []*flog.Checkpoint
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		checkpoint, err := open(text, ed, pq)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if name := fmt.Sprintf("%d.checkpoint", checkpoint.Size); filepath.Base(file) != name {
			return nil, fmt.Errorf("%s is of size %d", file, checkpoint.Size)
		}
		all = append(all, checkpoint)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Size < all[j].Size })
	return all, nil
}

// consistent checks a proof made from tiles by x/mod, and the one that the log serves.
func consistent(from, to *flog.Checkpoint, reader tlog.HashReader) error {
	if from.Size > 0 {
		own, err := tlog.ProveTree(int64(to.Size), int64(from.Size), reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(own, int64(to.Size), tlog.Hash(to.Hash), int64(from.Size), tlog.Hash(from.Hash)); err != nil {
			return err
		}
	}
	body, err := get(fmt.Sprintf("api/v1/proofs/consistency?from=%d&to=%d", from.Size, to.Size))
	if err != nil {
		return err
	}
	var served struct {
		FromRoot, ToRoot []byte
		Hashes           [][]byte
	}
	if err := json.Unmarshal(body, &served); err != nil {
		return err
	}
	if !bytes.Equal(served.FromRoot, from.Hash) || !bytes.Equal(served.ToRoot, to.Hash) {
		return fmt.Errorf("served roots differ from the checkpoints'")
	}
	return proof.VerifyConsistency(rfc6962.DefaultHasher, from.Size, to.Size, served.Hashes, from.Hash, to.Hash)
}

// documents parses served .tlog-proof documents and verifies what they say.
func documents(ed, pq note.Verifier, hashes []tlog.Hash) error {
	files, err := filepath.Glob(filepath.Join(*proofs, "*.tlog-proof"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var document tlogproof.TLogProof
		if err := document.Unmarshal(text); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if !bytes.Equal(document.Marshal(), text) {
			return fmt.Errorf("%s is not as the format writes it", file)
		}
		checkpoint, err := open(document.Checkpoint, ed, pq)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		leaf := tlog.RecordHash(document.ExtraData)
		if leaf != hashes[document.Index] {
			return fmt.Errorf("%s: its extra data is not entry %d", file, document.Index)
		}
		path := make([][]byte, len(document.Hashes))
		for i := range document.Hashes {
			path[i] = document.Hashes[i][:]
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, document.Index, checkpoint.Size, leaf[:], path, checkpoint.Hash); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	fmt.Printf("%d proof documents verified\n", len(files))
	if len(files) == 0 {
		return fmt.Errorf("no proof document was given")
	}
	return nil
}
